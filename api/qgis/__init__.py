"""Files that open the whole service in QGIS, made without QGIS."""
