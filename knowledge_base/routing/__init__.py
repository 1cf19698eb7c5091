"""The routing policy as data; `load()` reads and validates it."""

from knowledge_base.routing.loader import RoutingContent, RoutingError, load, load_demo_place

__all__ = ["RoutingContent", "RoutingError", "load", "load_demo_place"]
