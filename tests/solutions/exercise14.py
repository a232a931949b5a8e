"""Lecture 14, reference solution: request and token of a distributed monitor.

Why it is right:

- Only the token's holder is inside, and there is one token: mutual exclusion.
- The state is sent with the token and made anew where it arrives, so each task sees what all tasks
  before it have done: no update is lost.
- A number in ln is never above the one in the rn of the same device, so a late copy of a request
  that is served already is not open, and changes nothing.
- Who waits is in the rn of every device that its request has reached. The holder queues it when it
  leaves at the latest, and the queue is first in, first out: at most n - 1 others go first.
- A predicate that is false uses up the request like a task. The next request has a new number.
"""

import exercises.exercise14 as template


class MonitorDevice(template.MonitorDevice):
    """The rules of the template, in code."""

    def request(self):
        self.rn[self.index] += 1
        for other in self.medium.ids:
            if other != self.index:
                number = self.rn[self.index]
                self.medium.send(template.MonitorRequest(self.index, other, number))

    def handle_request(self, message: template.MonitorRequest):
        other = message.source
        self.rn[other] = max(self.rn[other], message.number)
        if self.token is not None and not self.wanted and self.is_open(other):
            self.send_token(other)

    def handle_token(self, message: template.MonitorToken):
        self.token = message
        self.state.deserialize(message.state)

    def release(self):
        queue, ln = self.token.queue, self.token.ln
        ln[self.index] = self.rn[self.index]
        for other in self.medium.ids:
            if other not in queue and self.is_open(other):
                queue.append(other)
        if queue:
            self.send_token(queue.pop(0))


class BoundedBuffer(MonitorDevice, template.BoundedBuffer):
    """The program of the template, on this monitor."""
