# Loads a compiled module with its native library and calls it, in a project that is compiled already.
#
#   mix run --no-start --no-compile …/call.exs MODULE [EXPRESSION…]
#
# Each expression must be true, with the module's functions imported. Lines of this program's own begin with `plimsoll-nif: `, and the rest is
# JSON. A compile that passes shows nothing of this: a library that does not load is a warning there.

Code.ensure_loaded?(Plimsoll.Words) || Code.require_file("steps.ex", __DIR__)

defmodule Plimsoll.Call do
  @moduledoc false

  alias Plimsoll.Words

  def fail(code, said) do
    Words.line(failed: code, said: to_string(said))
    System.halt(1)
  end

  # The code server tells the reason to the log and to nobody else.
  def log(%{msg: {:report, %{args: arguments}}}, config), do: log(%{msg: {nil, arguments}}, config)

  def log(%{msg: {_, arguments}}, %{config: owner}) when is_list(arguments) do
    case for({:error, reason} <- arguments, do: reason) do
      [reason | _] -> send(owner, {:on_load, reason})
      [] -> :ok
    end
  end

  def log(_, _), do: :ok

  def load(module) do
    :ok = :logger.add_handler(:plimsoll, __MODULE__, %{config: self()})
    Words.line(stage: "load")

    case :code.ensure_loaded(module) do
      {:module, ^module} -> Words.line(loaded: {:object, module: to_string(module), functions: functions(module)})
      {:error, :nofile} -> fail("module-missing", "the project has no compiled module #{inspect(module)}")
      {:error, reason} -> fail("on-load", why(reason))
    end
  end

  defp why(reason) do
    receive do
      {:on_load, {class, said}} -> refused(class, to_string(said))
      {:on_load, other} -> inspect(other)
    after
      2000 -> inspect(reason)
    end
  end

  # Classes and texts of erlang:load_nif/2; the words of the loader come from the loader.
  defp refused(class, said) do
    has = &String.contains?(said, &1)

    code =
      cond do
        class == :load -> "load"
        has.("does not match calling module") -> "module"
        has.("Function not found") -> "function"
        has.("nif_init") -> "no-way-in"
        class == :bad_lib and (has.("newer erts") or has.("version")) -> "version"
        has.("undefined symbol") or has.("symbol not found") -> "symbol"
        class == :load_failed -> "library"
        true -> "on-load"
      end

    fail(code, said)
  end

  def call(module, expression) do
    Words.line(stage: "call")
    imports = "import #{inspect(module)}, warn: false\n"

    value =
      try do
        elem(Code.eval_string(imports <> expression), 0)
      rescue
        error -> fail("call", "`#{expression}` raised #{Exception.message(error)}")
      catch
        kind, reason -> fail("call", "`#{expression}` ended with #{kind}: #{inspect(reason)}")
      end

    if value == true, do: Words.line(called: expression), else: fail("call", "`#{expression}` gave #{inspect(value)}, not true")
  end

  defp functions(module), do: module.module_info(:nifs) |> Enum.map(fn {name, arity} -> "#{name}/#{arity}" end) |> Enum.sort()
end

[module | expressions] = System.argv()
module = Module.concat([module])
Plimsoll.Call.load(module)
Enum.each(expressions, &Plimsoll.Call.call(module, &1))
Plimsoll.Words.line(passed: true)
