"use strict";
{
  const bySelection = (code) => {
    const range = document.createRange();
    range.selectNodeContents(code);
    const chosen = getSelection();
    chosen.removeAllRanges();
    chosen.addRange(range);
    const done = document.execCommand("copy");
    if (done) chosen.removeAllRanges();
    return done;
  };
  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      return bySelection(code);
    }
  };
  const copied = document.getElementById("copied");
  for (const button of document.querySelectorAll("button.copy")) {
    const code = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(code);
      button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
      copied.textContent = done ? "The command is copied" : "The command is selected";
      setTimeout(() => { button.textContent = "Copy"; copied.textContent = ""; }, 2500);
    });
  }
}
