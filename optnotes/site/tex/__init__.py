"""The reader of printed TeX: tokens, grammar and statements, for whatever kind of values an algebra computes with."""
