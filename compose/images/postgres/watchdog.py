# Process 1 of a database member: it runs Patroni, and resets the member when Patroni does not renew its lease in time.
#
# A real machine has a watchdog device: Patroni opens it when it becomes the leader and writes to it after each renewal of
# its lease; when that stays away, the device resets the machine before the lease ends, so a PostgreSQL whose Patroni hangs
# is not writable any more when another one is promoted. A container has no device of its own. Patroni's `testing` driver
# says the same words into a named pipe, and this program does what the device would: kill everything, and start again.
#
#   Patroni --- 'Ctimeout=6\n' arms, '1' keeps alive, 'V' disarms ---> pipe ---> watchdog --- SIGKILL ---> all of them
import os
import re
import select
import signal
import sys
import time
import urllib.request

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
STORE_LIMIT_S = 1.0
STORE_NEXT_LOOK_S = 0.2


def say(message):
    print(f'watchdog: {message}', file=sys.stderr)


def wait_for_store(hosts):
    """Waits until a member of the config store has a leader. Patroni would wait too, but look only every 5 s."""
    for attempt in range(1_000_000):
        for host in hosts:
            try:
                urllib.request.urlopen(f'http://{host}/health', timeout=STORE_LIMIT_S).close()
                return
            except OSError as error:
                last = f'{host}: {error}'
        if attempt % 50 == 0:
            say(f'no member of the config store is healthy yet ({last})')
        time.sleep(STORE_NEXT_LOOK_S)


class Device:
    """The pipe, and what Patroni said into it: by when it has to be heard again."""

    def __init__(self, path):
        if not os.path.exists(path):
            os.mkfifo(path, 0o600)
        # Held for reading and writing, so that it never ends however often Patroni opens and closes it.
        self.pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.timeout = None
        self.deadline = None

    def forget(self):
        """Disarms it, and empties the pipe: what a Patroni that is dead said there is no word of the next one."""
        try:
            while True:
                os.read(self.pipe, 4096)
        except BlockingIOError:
            self.deadline = None

    def read(self):
        try:
            words = os.read(self.pipe, 4096).decode('ascii', 'replace')
        except BlockingIOError:
            return
        for word in re.findall(r'Ctimeout=\d+|1|V', words):
            if word.startswith('Ctimeout='):
                self.timeout = int(word.removeprefix('Ctimeout='))
            # Patroni disarms it before it gives the lease back, and again when PostgreSQL is down.
            self.deadline = None if word == 'V' else time.monotonic() + (self.timeout or 1)

    def left(self):
        """Seconds until it fires; None while nobody relies on it."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())


class Member:
    """Patroni and everything it started. Signals that come before it runs end this program."""

    def __init__(self, argv):
        self.argv = argv
        self.pid = None
        for number in FORWARDED:
            signal.signal(number, self.forward)

    def forward(self, number, _frame):
        if self.pid is None:
            sys.exit(128 + number)
        # To Patroni an interrupt is no order to leave in peace.
        os.kill(self.pid, signal.SIGTERM if number == signal.SIGINT else number)

    def start(self):
        self.pid = os.posix_spawnp(self.argv[0], self.argv, os.environ, setsigdef=FORWARDED)

    def reap(self):
        """Exit status of Patroni when it ended, else None. Whoever lost its parent is ours to bury, too."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if pid == self.pid:
                return os.waitstatus_to_exitcode(status)

    def kill(self):
        """Everything but this program dies at once, without a last word to anybody."""
        self.pid = None
        os.kill(-1, signal.SIGKILL)
        try:
            while True:
                os.wait()
        except ChildProcessError:
            pass


def main(path, argv):
    hosts = os.environ['PATRONI_ETCD_HOSTS'].replace(' ', '').split(',')
    wake, woken = os.pipe()
    for end in (wake, woken):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    device, member = Device(path), Member(argv)
    while True:
        wait_for_store(hosts)
        member.start()
        status = watch(device, member, wake)
        # With process 1 everything in the container ends: no PostgreSQL outlives its Patroni.
        if status is not None:
            sys.exit(status if status >= 0 else 128 - status)
        say(f'Patroni did not renew its lease for {device.timeout} s: resetting this member')
        # Killed first, so that nobody says a word any more: it would arm the device before the next Patroni relies on it.
        member.kill()
        device.forget()


def watch(device, member, wake):
    """Patroni's exit status when it ended; None when it was not heard of in time."""
    while True:
        ready, _, _ = select.select([device.pipe, wake], [], [], device.left())
        # Asked before the pipe is read: after a pause of the whole machine it is too late, whatever is said now.
        if device.left() == 0.0:
            return None
        if device.pipe in ready:
            device.read()
        if wake in ready:
            os.read(wake, 4096)
            status = member.reap()
            if status is not None:
                return status


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2:])
