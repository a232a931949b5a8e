"""One class for each way in which a student's device can fail, all on device 1 in round 2."""

import threading
import time
from typing import Any, ClassVar

import emulators.MessageStub
from emulators.Device import Device, WorkerDevice
from emulators.MessageStub import MessageStub


class Hello(MessageStub):
    def __init__(self, sender: int, destination: Any, content: Any = "hi") -> None:
        super().__init__(sender, destination)
        self.content = content

    def __str__(self) -> str:
        return f"Hello {self.source} -> {self.destination}"


class Greeter(Device):
    """Device 0 greets device 1, which then does something wrong."""

    def run(self) -> None:
        if self.index == 0:
            self.medium.send(Hello(0, 1))
        for _ in range(9):
            self.medium.wait_for_next_round()
            if self.medium.receive() is not None:
                self.go_wrong()

    def go_wrong(self) -> None:
        """Do nothing wrong."""

    def print_result(self) -> None:
        print(f"Device {self.index} was here")


class Divides(Greeter):
    def go_wrong(self) -> None:
        1 / 0  # noqa: B018


class DividesInConstructor(Greeter):
    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        if index == 1:
            1 / 0  # noqa: B018


class TakesOnlyIndex(Greeter):
    def __init__(self, index: int) -> None:
        super().__init__(index, 3, None)  # type: ignore[arg-type]


class ExitsInConstructor(Greeter):
    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        if index == 1:
            raise SystemExit(0)


class DividesInPrintResult(Greeter):
    def print_result(self) -> None:
        super().print_result()
        if self.index == 1:
            1 / 0  # noqa: B018


class DividesInThread(Greeter):
    def go_wrong(self) -> None:
        thread = threading.Thread(target=self.divide)
        thread.start()
        thread.join()

    def divide(self) -> None:
        1 / 0  # noqa: B018


class DividesInHook(Greeter):
    def after_round(self) -> None:
        if self.index == 1 and self.medium.now == 2:
            1 / 0  # noqa: B018


class ForgetsSuper(Greeter):
    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        self.me = index


class ForgetsRun(Device):
    pass


class ForgetsSelf(Device):
    def run() -> None:  # type: ignore[misc]
        """Begin with nothing."""


class RunsAsCoroutine(Greeter):
    async def run(self) -> None:  # type: ignore[override]
        super().run()


class RunsAsGenerator(Greeter):
    def run(self) -> Any:
        yield super().run()


class SendsText(Greeter):
    def go_wrong(self) -> None:
        self.medium.send("hello")  # type: ignore[arg-type]


class SendsClass(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Hello)  # type: ignore[arg-type]


class SendsNothing(Greeter):
    def go_wrong(self) -> None:
        self.medium.send()  # type: ignore[call-arg]


class SendsToText(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Hello(1, "0"))


class SendsLongChain(Greeter):
    def go_wrong(self) -> None:
        chain: Any = None
        for _ in range(10_000):
            chain = [chain]
        self.medium.send(Hello(1, 0, chain))


class ReadsNoMessage(Greeter):
    def go_wrong(self) -> None:
        print(self.medium.receive().source)  # type: ignore[union-attr]


class CallsModule(Greeter):
    def go_wrong(self) -> None:
        emulators.MessageStub(1, 0)  # type: ignore[operator]


class UsesEventLoop(Greeter):
    def go_wrong(self) -> None:
        import asyncio

        asyncio.run(asyncio.sleep(0))


class UsesProcess(Greeter):
    def go_wrong(self) -> None:
        from multiprocessing import Process

        Process(target=print).start()


class SendsToNobody(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Hello(1, 99))
        self.medium.send(Hello(1, 99))


class SendsToNone(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Hello(1, None))


class SendsGenerator(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Hello(1, 0, (number for number in range(3))))


class SendsMedium(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Hello(1, 0, self.medium))


class SendsWhatCannotBeShown(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(Unshowable(1, 0))


class Unshowable(Hello):
    def __str__(self) -> str:
        return self.nothing  # type: ignore[attr-defined]


class ForgetfulMessage(MessageStub):
    def __init__(self, sender: int, destination: int) -> None:
        self.content = sender, destination


class SendsForgetfulMessage(Greeter):
    def go_wrong(self) -> None:
        self.medium.send(ForgetfulMessage(1, 0))


class WaitsWithAnothersMedium(Greeter):
    mediums: ClassVar[dict[int, Any]] = {}

    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        self.mediums[index] = medium

    def go_wrong(self) -> None:
        self.mediums[0].wait_for_next_round()


class UsesRealThread(Greeter):
    def go_wrong(self) -> None:
        raised: list[BaseException] = []
        import _thread

        _thread.start_new_thread(self.wait, (raised,))
        while not raised:
            pass
        raise raised[0]

    def wait(self, raised: list[BaseException]) -> None:
        try:
            self.medium.wait_for_next_round()
        except BaseException as error:
            raised.append(error)


class Polls(Greeter):
    def go_wrong(self) -> None:
        while self.medium.receive() is None:
            pass


class PollsAndCatches(Greeter):
    def go_wrong(self) -> None:
        while True:
            try:  # noqa: SIM105
                self.medium.receive_all()
            except:  # noqa: E722
                pass


class AllWait(Greeter):
    def run(self) -> None:
        self.medium.wait_for_message()


class OneWaits(Greeter):
    def run(self) -> None:
        if self.index == 1:
            self.medium.wait_for_message()


class Loops(Greeter):
    def go_wrong(self) -> None:
        while True:
            pass


class LoopsAndCatches(Greeter):
    def go_wrong(self) -> None:
        count = 0
        while True:
            try:
                while True:
                    count += len(str(count))
            except:  # noqa: E722
                pass


class LoopsAndPrintsAndCatches(Greeter):
    def go_wrong(self) -> None:
        while True:
            try:
                while True:
                    print("noise")
            except:  # noqa: E722
                print("more noise")


class LoopsInC(Greeter):
    def go_wrong(self) -> None:
        sum(range(10**13))


class LoopsInConstructor(Greeter):
    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        while index == 1:
            pass


class LoopsInPrintResult(Greeter):
    def print_result(self) -> None:
        while self.index == 1:
            pass
        super().print_result()


class LoopsInThread(Greeter):
    def go_wrong(self) -> None:
        threading.Thread(target=self.loop).start()

    def loop(self) -> None:
        while True:
            pass


class LoopsOverTheClock(Greeter):
    def go_wrong(self) -> None:
        while time.time() > 0:
            pass


class LoopsAndSends(Greeter):
    def go_wrong(self) -> None:
        while True:
            self.medium.send(Hello(1, 0))


class LoopsAndSendsInConstructor(Greeter):
    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        while index == 1:
            self.medium.send(Hello(1, 0))


class LoopsAndSendsAndCatchesInConstructor(Greeter):
    def __init__(self, index: int, number_of_devices: int, medium: Any) -> None:
        super().__init__(index, number_of_devices, medium)
        while index == 1:
            try:
                self.medium.send(Hello(1, 0))
            except Exception:
                continue


class LoopsAndSendsInPrintResult(Greeter):
    def print_result(self) -> None:
        super().print_result()
        while self.index == 1:
            self.medium.send(Hello(1, 0))


class Recurses(Greeter):
    def go_wrong(self) -> None:
        self.go_wrong()


class Exits(Greeter):
    def go_wrong(self) -> None:
        raise SystemExit("enough")


class EntersTogether(WorkerDevice):
    def run(self) -> None:
        for _ in range(50):
            if self.has_work:
                self.do_work()
            self.medium.wait_for_next_round()


class IsNoDevice:
    def __new__(cls, index: int, number_of_devices: int, medium: Any) -> Any:
        return "a device"


def greeter(index: int, number_of_devices: int, medium: Any) -> Greeter:
    return Divides(index, number_of_devices, medium)
