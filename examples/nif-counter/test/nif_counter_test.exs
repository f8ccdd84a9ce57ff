defmodule NifCounterTest do
  use ExUnit.Case, async: true

  test "the library is the one of this version" do
    assert NifCounter.native_version() == Mix.Project.config()[:version]
  end

  test "sums, up to 64 bits" do
    assert NifCounter.add(40, 2) == 42
    assert NifCounter.add(-1, 1) == 0
    assert_raise ArgumentError, fn -> NifCounter.add(9_223_372_036_854_775_807, 1) end
  end

  test "a counter is shared by those who hold it" do
    counter = NifCounter.new(40)
    tasks = for _ <- 1..100, do: Task.async(fn -> NifCounter.increment(counter) end)
    Enum.each(tasks, &Task.await/1)
    assert NifCounter.value(counter) == 140
  end

  test "a sum that does not fit changes nothing" do
    counter = NifCounter.new(9_223_372_036_854_775_807)
    assert_raise ArgumentError, fn -> NifCounter.increment(counter) end
    assert NifCounter.value(counter) == 9_223_372_036_854_775_807
  end

  test "what is no counter is refused" do
    assert_raise ArgumentError, fn -> NifCounter.Native.value(make_ref()) end
  end
end
