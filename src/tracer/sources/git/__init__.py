"""Access registers that are kept in git: what each change gave and took, who asked, who approved, who put it in force."""
