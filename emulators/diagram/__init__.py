"""Pictures as pure geometry: no window, no emulator; screen, SVG and hit-testing share them.

asked      what is asked of devices, messages and events
plane      points, boxes, outlines of shapes, text that has to fit, colours by name
parts      what pictures are made of
network    devices in a circle; labels, discs: what stands beside them and between them
journey    a message on its way, between two pictures of the network
history    the events of a run, indexed so that any stretch of it is found by bisection
causes     what an event could have known of, what could know of it; clocks
spacetime  arrows from send to receive, as far as they are visible; lanes: what lies below them
svg        both pictures as text

A picture names colours by their role (`sender`, `past`, …); a theme says what they look like.
"""
