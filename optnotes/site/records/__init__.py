"""What files of data hold: claims, drills, derivations, marks, statements, symptoms, errata, addresses."""
