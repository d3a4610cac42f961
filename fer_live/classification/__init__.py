"""Classification of facial expressions in face crops: models, runtimes, heat maps, export."""
