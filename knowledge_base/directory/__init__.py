"""Tables for places, organisations, members and cases from elsewhere: what a column is called is data."""
