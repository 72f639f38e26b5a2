"""Who answers: automation or a person, which person, in what order, and how long it takes."""
