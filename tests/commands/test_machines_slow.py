"""A training shared by two machines, each a network namespace: its own addresses, its own processes, its own idea of its
name, and a cable between the two. Only root may make such."""
import contextlib
import os
import re
import shutil
import subprocess
import time

import pytest

from processes import apart, wait_for_a_step
from program import PROGRAM, run

TRAINING = ("train", "synthetic:shapes", "--recipe", "pytorch-gan-dcgan", "--quiet", "--set", "referee.mode=off", "--set", "data.size=[16,16]",
            "--set", "training.batch_size=8", "--set", "training.precision=float32", "--set", "training.threads=1")


class Machines:
    """Two of them. Under its own name the first is for itself what Debian makes of it, an address that nobody else can reach."""
    addresses = ("10.213.7.1", "10.213.7.2")
    wire = "cable0"

    def __init__(self, folder):
        self.names = [f"forger{os.getpid()}{end}" for end in "ab"]
        self.hosts = [folder / "hosts-a", folder / "hosts-b"]
        self.hosts[0].write_text("127.0.0.1 localhost\n127.0.1.1 first\n")
        self.hosts[1].write_text(f"127.0.0.1 localhost\n127.0.1.1 second\n{self.addresses[0]} first\n")

    def ip(self, *arguments):
        return subprocess.run(["ip", *arguments], capture_output=True, text=True)

    def start(self):
        """Whether they run."""
        if any(self.ip("netns", "add", name).returncode for name in self.names):
            return False
        commands = [("link", "add", self.wire, "netns", self.names[0], "type", "veth", "peer", "name", self.wire, "netns", self.names[1])]
        for name, address in zip(self.names, self.addresses):
            commands += [("-n", name, "addr", "add", address + "/24", "dev", self.wire), ("-n", name, "link", "set", "lo", "up"),
                         ("-n", name, "link", "set", self.wire, "up")]
        return not any(self.ip(*command).returncode for command in commands)

    def cut(self):
        assert self.ip("-n", self.names[1], "link", "set", self.wire, "down").returncode == 0

    def stop(self):
        for name in self.names:
            self.ip("netns", "delete", name)

    def train(self, out, *arguments, master="first", environment={}):
        """A process on each, rank 0 on the first."""
        processes = []
        for rank in range(2):
            variables = {**os.environ, "RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": master, "MASTER_PORT": "29517", **environment}
            own_hosts = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
            processes.append(subprocess.Popen(
                ["ip", "netns", "exec", self.names[rank], "unshare", "--pid", "--fork", "--kill-child", "sh", "-c", own_hosts, "sh", self.hosts[rank],
                 PROGRAM, *map(str, (*TRAINING, *arguments, "--out", out))], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes


@pytest.fixture
def machines(tmp_path):
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        pytest.skip("two machines need root, iproute2 and unshare")
    two = Machines(tmp_path)
    try:
        if not two.start():
            pytest.skip("this system lets nobody make network namespaces")
        yield two
    finally:
        two.stop()


def ended(processes, within=60):
    """What each said, and its exit code."""
    end = time.monotonic() + within
    try:
        said = [process.communicate(timeout=max(1, end - time.monotonic())) for process in processes]
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    return [(process.returncode, output + errors) for process, (output, errors) in zip(processes, said)]


@pytest.mark.parametrize("how", ["by its name", "by its address", "by an interface"])
def test_two_machines_compute_what_two_processes_compute(tmp_path, machines, how):
    assert run(*TRAINING, "--steps", 10, "--processes", 2, "--out", tmp_path / "one").returncode == 0
    master = machines.addresses[0] if how == "by its address" else "first"
    environment = {"GLOO_SOCKET_IFNAME": machines.wire} if how == "by an interface" else {}
    assert ended(machines.train(tmp_path / "two", "--steps", 10, master=master, environment=environment)) == [(0, ""), (0, "")]
    assert apart(tmp_path / "one", tmp_path / "two") < 1e-4


def test_a_cable_that_is_cut_ends_both_in_time_with_a_line_each(tmp_path, machines):
    processes = machines.train(tmp_path / "run", "--minutes", 5, "--set", "training.process_timeout=4")
    wait_for_a_step(processes[0], tmp_path / "run")
    machines.cut()
    start = time.monotonic()
    (first, said), (second, other) = ended(processes, within=30)
    assert time.monotonic() - start < 4 + 3
    assert first == second == 2
    assert re.fullmatch(r"forger: rank 1 on \S+ does not answer any more \(for 4 s\)\n", said), said
    assert other == "forger: rank 0 at first does not answer any more\n"


def test_an_interface_that_is_not_there_is_refused_by_name(tmp_path, machines):
    (first, said), (second, other) = ended(machines.train(tmp_path / "run", "--steps", 2, environment={"GLOO_SOCKET_IFNAME": "ib7"}))
    assert first == second == 2 and not (tmp_path / "run").exists()
    assert said.startswith("forger: GLOO_SOCKET_IFNAME: received ib7, accepted: names of network interfaces") and said.count("\n") == 1
    assert not other
