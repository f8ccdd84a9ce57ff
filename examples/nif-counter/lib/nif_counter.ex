defmodule NifCounter do
  @moduledoc """
  Counters that many processes share without a process of their own.

      iex> counter = NifCounter.new(40)
      iex> NifCounter.increment(counter, 2)
      42
  """

  alias NifCounter.Native

  @opaque t :: reference()

  @doc "A counter that begins at `start`."
  @spec new(integer()) :: t()
  def new(start \\ 0) when is_integer(start), do: Native.new(start)

  @doc "Adds to a counter; gives its new value. Raises `ArgumentError` where 64 bits do not hold it."
  @spec increment(t(), integer()) :: integer()
  def increment(counter, by \\ 1) when is_reference(counter) and is_integer(by),
    do: Native.increment(counter, by)

  @doc "The value of a counter."
  @spec value(t()) :: integer()
  def value(counter) when is_reference(counter), do: Native.value(counter)

  @doc "The sum of two integers of up to 64 bits."
  @spec add(integer(), integer()) :: integer()
  def add(a, b) when is_integer(a) and is_integer(b), do: Native.add(a, b)

  @doc "The version that the native library was built as."
  @spec native_version() :: String.t()
  def native_version, do: Native.version()
end
