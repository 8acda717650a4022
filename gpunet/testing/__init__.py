"""Tools that tell whether code of one's own is right."""

from .gradients import check_gradients, numerical_gradient

__all__ = ["check_gradients", "numerical_gradient"]
