"""What pages share: access, navigation, lists, forms, times, charts and the tags of the templates."""
