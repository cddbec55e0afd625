"""From labelled crops to weights: dataset, augmentation, folds, fitting, cross-validation (paper, "Training and Evaluation Methods")."""
