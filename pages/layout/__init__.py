"""What surrounds every page: navigation, heading, presenter's view, the page of the idle."""
