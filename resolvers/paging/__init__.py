"""Exact, durable, two-way paging over lists that come from elsewhere."""

from resolvers.paging.args import BadPageArgs, PageArgs, Wanted, check_args
from resolvers.paging.cursors import InvalidCursor
from resolvers.paging.page import Edge, Page
from resolvers.paging.pager import Pager

__all__ = ["BadPageArgs", "Edge", "InvalidCursor", "Page", "PageArgs", "Pager", "Wanted", "check_args"]
