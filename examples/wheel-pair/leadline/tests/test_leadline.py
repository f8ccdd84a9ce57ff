import subprocess

import leadline
import pytest


def test_a_depth_is_read():
    assert leadline.sound(12.5) == "by the mark: 12.5 metres"


def test_no_depth_is_refused():
    with pytest.raises(subprocess.CalledProcessError):
        leadline.sound(-1)


@pytest.mark.parametrize("metres", [0, 3, 1000.25])
def test_what_is_said_names_the_depth(metres):
    assert f" {metres} metres" in leadline.sound(metres)
