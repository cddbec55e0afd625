"""From labelled crops to weights: data, draws, folds, fitting, cross-validation (paper, "Training and Evaluation Methods")."""
