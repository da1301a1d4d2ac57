"""One module and one SQL file per question that a case file answers."""
