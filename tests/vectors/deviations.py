"""Where Descant differs from the recorded behaviour on purpose: name -> reason."""

ENCODING = {
    "unclosed bar": "a bar is as long as its meter says, where upstream leaves its length at 0",
    "model grid": "a decoded score names the grid it is on, not the one it will be moved to",
}

RUNS = {
    "attention_approx": "hides the bars; upstream overwrites their keys by values that most heads "
    "then attend to before anything else, so tokens drawn under it differ (spec/generation.md 5.5)",
    "context by attention": "tracks that do not fit are left out by their roles, where upstream "
    "asks the network first which it attends to least (spec/generation.md 4.5)",
    "crowds": "notes of one pitch keep their order among more than 16 at one onset, where "
    "upstream's sort may swap them (spec/generation.md 5.4)",
}
