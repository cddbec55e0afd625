"""Who may see what, and what comes next: rules about answers, not about screens."""
