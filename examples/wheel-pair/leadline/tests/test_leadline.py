import leadline


def test_a_depth_is_read():
    assert leadline.sound(12.5) == "by the mark: 12.5 metres"
