"""The side bar and its settings: controls, sliders, data, links, sharing."""
