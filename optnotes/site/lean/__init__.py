"""No more than a page needs: one style sheet, one script, cut fonts, formulas as MathML."""
