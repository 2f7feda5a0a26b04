"""A query compiler for Strawberry: an operation becomes Python code that builds its response. README.md explains it."""

from compiler.explain import Below, Code, Explained, Way
from compiler.plan import Fallback, Plan, compile
from compiler.variables import Variables

__all__ = ["Below", "Code", "Explained", "Fallback", "Plan", "Variables", "Way", "compile"]
