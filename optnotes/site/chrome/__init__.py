"""What stands around the pages: menu, languages, versions, search, descriptions, the root of all sites."""
