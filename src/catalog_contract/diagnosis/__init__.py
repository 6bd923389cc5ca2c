"""Diagnosis: from what a run observed to named causes, each with the evidence for it and the next step."""
