# Loads a compiled module with its native library and calls it, in a project that is compiled already.
#
#   mix run --no-start --no-compile …/call.exs MODULE [EXPRESSION…]
#
# Each expression must be true, with the module's functions imported. Lines of this program's own begin with `plimsoll-nif: `, and the rest is
# JSON. A compile that passes shows nothing of this: a library that does not load is a warning there.

defmodule Plimsoll.Call do
  @moduledoc false

  def line(members),
    do: IO.puts("plimsoll-nif: {" <> Enum.map_join(members, ",", fn {key, value} -> "#{text(key)}:#{json(value)}" end) <> "}")

  def fail(code, said) do
    line(failed: code, said: to_string(said))
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
    line(stage: "load")

    case :code.ensure_loaded(module) do
      {:module, ^module} -> line(loaded: {to_string(module), module.module_info(:nifs)})
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
    line(stage: "call")
    imports = "import #{inspect(module)}, warn: false\n"

    value =
      try do
        elem(Code.eval_string(imports <> expression), 0)
      rescue
        error -> fail("call", "`#{expression}` raised #{Exception.message(error)}")
      catch
        kind, reason -> fail("call", "`#{expression}` ended with #{kind}: #{inspect(reason)}")
      end

    if value == true, do: line(called: expression), else: fail("call", "`#{expression}` gave #{inspect(value)}, not true")
  end

  defp json(true), do: "true"

  defp json({module, functions}) do
    names = functions |> Enum.map(fn {name, arity} -> "#{name}/#{arity}" end) |> Enum.sort() |> Enum.map_join(",", &text/1)
    ~s({"module":#{text(module)},"functions":[#{names}]})
  end

  defp json(value), do: text(value)

  defp text(value) do
    escaped =
      for <<char::utf8 <- to_string(value)>>, into: "" do
        case char do
          ?" -> "\\\""
          ?\\ -> "\\\\"
          char when char < 32 -> "\\u" <> String.pad_leading(Integer.to_string(char, 16), 4, "0")
          char -> <<char::utf8>>
        end
      end

    ~s("#{escaped}")
  end
end

[module | expressions] = System.argv()
module = Module.concat([module])
Plimsoll.Call.load(module)
Enum.each(expressions, &Plimsoll.Call.call(module, &1))
Plimsoll.Call.line(passed: true)
