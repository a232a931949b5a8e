"""The window: the only room that imports PyQt6.

worker, snapshot   the thread in which a run lives; what it tells the window, immutable
garbage            cyclic garbage, collected where Qt lives
session            one object that all views share: everything a button does is a method of it
models             events, devices and messages in transit as item models
actions, themes    one table of all actions; colours from TOML files
*_view, inspector  what one sees; they render and forward intent
window, app        views put together; the application
"""
