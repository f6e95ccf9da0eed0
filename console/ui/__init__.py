"""What pages share: access, navigation, lists, times, charts and the tags of the templates."""
