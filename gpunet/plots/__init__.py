"""Pictures of trainings, models and losses. They need matplotlib, which is imported when the first one is drawn."""

from .activation import activation
from .confusion_matrix import confusion_matrix
from .decision_boundary import decision_boundary
from .history import history
from .learning_rate_finder import learning_rate_finder
from .levels import levels
from .live import LiveHistory
from .loss_landscape import loss_landscape
from .network import network
from .optimizer_paths import optimizer_paths
from .predictions import predictions
from .trajectory import Trajectory
from .weights import weights

__all__ = [
    "LiveHistory",
    "Trajectory",
    "activation",
    "confusion_matrix",
    "decision_boundary",
    "history",
    "learning_rate_finder",
    "levels",
    "loss_landscape",
    "network",
    "optimizer_paths",
    "predictions",
    "weights",
]
