"""The links of the built sites: those inside are followed here, those that lead outside are listed for linkchecker."""
