"""The upstream that a service reads its list from: a stand-in for one, and what one does with the parameters sent."""
