"""vfrac: is this vertebral fracture on CT benign or malignant? Reading, teaching and learning, after Li et al. 2021."""

__version__ = "0.1.0"
