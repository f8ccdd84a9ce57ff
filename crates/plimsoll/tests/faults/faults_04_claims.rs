//! Claims that are not shown by evidence are refused by `verify`, and not repeated by `status`.
