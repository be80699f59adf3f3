"""What the commands of the table do: one file a subject, each connecting actions to the parts."""
