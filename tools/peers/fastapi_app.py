"""fastapi-pagination: one list by limit and offset, and by page. `python fastapi_app.py FOLDER PORT`."""

import sys

import data
import uvicorn
from fastapi import FastAPI
from fastapi_pagination import LimitOffsetPage, Page, add_pagination, paginate
from pydantic import BaseModel


class Model(BaseModel):
    """One item."""

    id: str
    license: str | None


ITEMS = [Model(**item) for item in data.items()]
app = FastAPI()


@app.get("/limitoffset/models")
def by_offset() -> LimitOffsetPage[Model]:
    return paginate(ITEMS)


@app.get("/page/models")
def by_page() -> Page[Model]:
    return paginate(ITEMS)


add_pagination(app)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
