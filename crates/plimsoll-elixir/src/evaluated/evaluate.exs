# elixir evaluate.exs NONCE FILE... in the folder of a project: says what mix.exs and the modules of these files come to, as JSON between two
# nonces. `use RustlerPrecompiled` and `use Rustler` find stand-ins here that record the options they are given; nothing is downloaded or built.
# What stands before them in a module is evaluated, functions left out; a module of the project that is missed is compiled from its source.

defmodule Plimsoll.Record do
  def options(user, module, options), do: throw({__MODULE__, user, module, options})
end

defmodule RustlerPrecompiled do
  defmacro __using__(options) do
    quote do: Plimsoll.Record.options("RustlerPrecompiled", __MODULE__, unquote(options))
  end
end

defmodule Rustler do
  defmacro __using__(options) do
    quote do: Plimsoll.Record.options("Rustler", __MODULE__, unquote(options))
  end
end

defmodule RustlerPrecompiled.Config do
  @targets ~w(
    aarch64-apple-darwin aarch64-unknown-linux-gnu aarch64-unknown-linux-musl arm-unknown-linux-gnueabihf riscv64gc-unknown-linux-gnu
    x86_64-apple-darwin x86_64-pc-windows-gnu x86_64-pc-windows-msvc x86_64-unknown-linux-gnu x86_64-unknown-linux-musl
  )
  def default_targets, do: @targets
  def available_nif_versions, do: ~w(2.14 2.15 2.16 2.17)
  def default_nif_versions, do: ~w(2.15)
end

defmodule Plimsoll.Json do
  def encode(nil), do: "null"
  def encode(value) when is_boolean(value) or is_integer(value), do: to_string(value)
  def encode(value) when is_binary(value), do: [?", escape(value), ?"]
  def encode(value) when is_list(value), do: ["[", Enum.intersperse(Enum.map(value, &encode/1), ","), "]"]

  def encode(%{} = value) do
    members = Enum.map(value, fn {key, member} -> [encode(key), ":", encode(member)] end)
    ["{", Enum.intersperse(members, ","), "}"]
  end

  # ASCII alone, whatever the terminal takes.
  defp escape(text) do
    for <<character::utf8 <- text>>, into: "" do
      case character do
        ?" -> "\\\""
        ?\\ -> "\\\\"
        character when character in 32..126 -> <<character>>
        character -> for <<unit::16 <- <<character::utf16>> >>, into: "", do: "\\u" <> unit(unit)
      end
    end
  end

  defp unit(unit), do: unit |> Integer.to_string(16) |> String.pad_leading(4, "0")
end

defmodule Plimsoll.Plain do
  # Texts, as far as a value is one; anything else is told as it is inspected.
  def text(nil), do: nil
  def text(value) when is_atom(value) and not is_boolean(value), do: Atom.to_string(value)
  def text(value) when is_binary(value), do: if(String.valid?(value), do: value, else: other(value))
  def text(value), do: other(value)

  def texts(nil), do: nil
  def texts(value) when is_list(value), do: if(Enum.all?(value, &text?/1), do: Enum.map(value, &text/1), else: other(value))
  def texts(value), do: other(value)

  def text?(value), do: is_binary(value) and String.valid?(value)

  def other(value), do: %{"other" => shown(value)}

  def shown(value) do
    text = inspect(value, limit: 20, printable_limit: 200)
    if String.valid?(text), do: String.slice(text, 0, 300), else: "something that cannot be shown"
  end

  def error(kind, value) do
    text = Exception.format_banner(kind, value)
    if String.valid?(text), do: String.slice(text, 0, 600), else: "an error that cannot be shown"
  rescue
    _ -> "an error that cannot be shown"
  end
end

defmodule Plimsoll.Diagnosed do
  # Since 1.15 an error of the compiler says that others were logged, and those are told to whom asks for them.
  def catching(run) do
    if function_exported?(Code, :with_diagnostics, 1) do
      {result, diagnostics} = apply(Code, :with_diagnostics, [fn -> caught(run) end])
      with {:error, text} <- result, do: {:error, with_errors(text, diagnostics)}
    else
      caught(run)
    end
  end

  defp caught(run) do
    {:ok, run.()}
  catch
    :throw, {Plimsoll.Record, user, module, options} -> {:recorded, {user, module, options}}
    kind, value -> {:error, Plimsoll.Plain.error(kind, value)}
  end

  defp with_errors(text, diagnostics) do
    case for(%{severity: :error} = diagnostic <- diagnostics, do: shown(diagnostic)) do
      [] -> text
      errors -> errors |> Enum.take(5) |> Enum.join("; ")
    end
  end

  defp shown(%{message: message} = diagnostic) do
    text = if String.valid?(message), do: String.slice(message, 0, 300), else: "an error that cannot be shown"
    "#{diagnostic |> Map.get(:file) |> file()}:#{line(Map.get(diagnostic, :position))}: #{text}"
  end

  defp file(file) when is_binary(file), do: Path.relative_to_cwd(file)
  defp file(_), do: "nofile"

  defp line({line, _}), do: line
  defp line(line), do: line
end

defmodule Plimsoll.Sources do
  # Modules of the project by name, found when one is first missed.
  def ensure(module) do
    loaded?(module) or compile(module)
  end

  def loaded?(module), do: :erlang.function_exported(module, :module_info, 1) or match?({:module, _}, :code.ensure_loaded(module))

  def known?(module), do: loaded?(module) or Map.has_key?(index(), module)

  defp compile(module) do
    case index() do
      %{^module => file} -> compile_file(file) and loaded?(module)
      _ -> false
    end
  end

  defp compile_file(file) do
    being = Process.get({__MODULE__, :compiled}, [])

    if file in being do
      false
    else
      Process.put({__MODULE__, :compiled}, [file | being])
      file |> parse() |> named_by(~w(use require import)a) |> Enum.each(&ensure/1)
      match?([_ | _], Code.compile_file(file))
    end
  end

  # The modules that `use` and the like name; of a group such as `A.{B, C}` none.
  def named_by(ast, words) do
    {_, found} =
      Macro.prewalk(ast, [], fn
        {word, _, [{:__aliases__, _, parts} | _]} = node, found when is_list(parts) ->
          if word in words and Enum.all?(parts, &is_atom/1), do: {node, [Module.concat(parts) | found]}, else: {node, found}

        node, found ->
          {node, found}
      end)

    Enum.reverse(found)
  end

  def parse(file) do
    case Code.string_to_quoted(File.read!(file), columns: true, file: file) do
      {:ok, ast} -> ast
      {:error, _} -> nil
    end
  end

  defp index do
    with nil <- Process.get(__MODULE__) do
      paths = Mix.Project.config()[:elixirc_paths] || ["lib"]
      files = paths |> Enum.flat_map(&Path.wildcard(Path.join(&1, "**/*.ex"))) |> Enum.take(5000)
      index = for file <- files, module <- defined(parse(file), []), into: %{}, do: {module, file}
      Process.put(__MODULE__, index)
      index
    end
  end

  defp defined({:defmodule, _, [{:__aliases__, _, parts}, [{:do, body} | _]]}, outer) do
    if Enum.all?(parts, &is_atom/1) do
      name = outer ++ parts
      [Module.concat(name) | defined(body, name)]
    else
      []
    end
  end

  defp defined({:__block__, _, list}, outer), do: Enum.flat_map(list, &defined(&1, outer))
  defp defined(_, _), do: []

  # What the BEAM asks if a function is called that it does not know (`error_handler` of a process).
  def undefined_function(module, function, arguments) do
    if ensure(module) and function_exported?(module, function, length(arguments)) do
      apply(module, function, arguments)
    else
      :error_handler.undefined_function(module, function, arguments)
    end
  end

  def undefined_lambda(module, function, arguments), do: :error_handler.undefined_lambda(module, function, arguments)
end

defmodule Plimsoll.Body do
  @definitions ~w(def defp defmacro defmacrop defguard defguardp defdelegate defoverridable defimpl defprotocol)a
  @documentation ~w(moduledoc doc typedoc spec type typep opaque callback macrocallback impl on_load behaviour
    before_compile after_compile after_verify on_definition dialyzer compile deprecated nifs)a

  # Places of what is looked for: `use`, outside of definitions and of code that is quoted.
  def uses({word, _, _}) when word in @definitions or word == :quote, do: []

  def uses({:use, meta, [{:__aliases__, _, [name]} | _]}) when name in [:RustlerPrecompiled, :Rustler], do: [place(meta)]
  def uses({word, _, arguments}), do: uses(word) ++ uses(arguments)
  def uses({left, right}), do: uses(left) ++ uses(right)
  def uses(list) when is_list(list), do: Enum.flat_map(list, &uses/1)
  def uses(_), do: []

  defp place(meta), do: {meta[:line], meta[:column]}

  # The code up to a place.
  def up_to({:__block__, meta, statements}, place, how) do
    {before, [own | _]} = Enum.split_while(statements, &(place not in uses(&1)))
    before = Enum.filter(before, &counts?/1)
    own = up_to(own, place, how)
    before = if how == :needed, do: needed(before, names(own)), else: before
    {:__block__, meta, before ++ [own]}
  end

  def up_to({:defmodule, meta, [name, [{:do, body} | _]]}, place, how), do: {:defmodule, meta, [name, [do: up_to(body, place, how)]]}
  def up_to(statement, _, _), do: statement

  defp counts?({:@, _, [{name, _, _}]}), do: name not in @documentation
  defp counts?({word, _, _}) when word in @definitions, do: false

  # A macro of a package that is not here: what it makes is seldom what is asked for.
  defp counts?({word, _, [{:__aliases__, _, parts} | _]}) when word in [:use, :require, :import] do
    Enum.all?(parts, &is_atom/1) and Plimsoll.Sources.known?(Module.concat(parts)) and Plimsoll.Sources.ensure(Module.concat(parts))
  rescue
    _ -> false
  end

  defp counts?(statement), do: uses(statement) == []

  # Of the statements those that give names a value which what comes after them has.
  defp needed(statements, names) do
    {kept, _} =
      Enum.reduce(Enum.reverse(statements), {[], names}, fn statement, {kept, names} ->
        given = given(statement)

        if given == :always or Enum.any?(given, &(&1 in names)) do
          {[statement | kept], names(statement) ++ names}
        else
          {kept, names}
        end
      end)

    kept
  end

  defp given({:alias, _, _}), do: :always
  defp given({:@, _, [{name, _, [_]}]}), do: [{:@, name}]
  defp given({:=, _, [left, _]}), do: names(left)
  defp given(_), do: []

  defp names(ast) do
    {_, names} =
      Macro.prewalk(ast, [], fn
        {:@, _, [{name, _, arguments}]}, names when not is_list(arguments) -> {nil, [{:@, name} | names]}
        {name, _, context} = node, names when is_atom(name) and is_atom(context) -> {node, [name | names]}
        node, names -> {node, names}
      end)

    names
  end
end

defmodule Plimsoll.Modules do
  import Plimsoll.Plain

  def of(file) do
    case Plimsoll.Sources.parse(file) do
      nil -> []
      ast -> Enum.map(Plimsoll.Body.uses(ast), &one(ast, file, &1))
    end
  end

  defp one(ast, file, {line, _} = place) do
    found =
      case evaluate(ast, file, place, :all) do
        {:error, first} -> with {:error, _} <- evaluate(ast, file, place, :needed), do: {:error, first}
        found -> found
      end

    case found do
      {user, module, options} when is_list(options) ->
        Map.merge(%{"file" => file, "line" => line, "user" => user, "module" => inspect(module)}, options(options))

      {_, module, options} ->
        %{"file" => file, "line" => line, "module" => inspect(module), "error" => "its options are #{shown(options)}, and no list"}

      {:error, text} ->
        %{"file" => file, "line" => line, "error" => text}
    end
  end

  defp evaluate(ast, file, place, how) do
    code = Plimsoll.Body.up_to(ast, place, how)

    case Plimsoll.Diagnosed.catching(fn -> Code.eval_quoted(code, [], file: Path.absname(file)) end) do
      {:recorded, found} -> found
      {:ok, _} -> {:error, "it is not come to: what stands around it decides otherwise"}
      {:error, text} -> {:error, text}
    end
  end

  defp options(options) do
    %{
      "otp_app" => text(options[:otp_app]),
      "crate" => text(options[:crate]),
      "version" => text(options[:version]),
      "path" => text(options[:path]),
      "targets" => texts(options[:targets]),
      "nif_versions" => texts(options[:nif_versions]),
      "force_build" => if(Keyword.has_key?(options, :force_build), do: shown(options[:force_build])),
      "forces_build" => options[:force_build] not in [false, nil],
      "variants" => variants(options[:variants])
    }
    |> Map.merge(base_url(options[:base_url]))
  end

  defp variants(nil), do: nil

  defp variants(%{} = variants) do
    Map.new(variants, fn {target, list} -> {target, list |> Keyword.keys() |> Enum.map(&Atom.to_string/1)} end)
  rescue
    _ -> other(variants)
  end

  defp variants(value), do: other(value)

  defp base_url({module, function}) when is_atom(module) and is_atom(function) do
    told = "#{inspect(module)}.#{function}/1"

    case apply(module, function, ["@archive@"]) do
      url when is_binary(url) -> %{"base_url" => text(url), "url_by" => told}
      {url, [_ | _]} when is_binary(url) -> %{"base_url" => text(url), "url_by" => told}
      value -> %{"base_url" => other(value), "url_by" => told}
    end
  catch
    kind, value -> %{"base_url" => nil, "url_by" => "#{inspect(module)}.#{function}/1", "url_error" => error(kind, value)}
  end

  defp base_url({url, headers}) when is_binary(url) and is_list(headers), do: %{"base_url" => text(url)}
  defp base_url(url), do: %{"base_url" => text(url)}
end

defmodule Plimsoll.Project do
  import Plimsoll.Plain

  def told do
    if File.regular?("mix.exs") do
      case Plimsoll.Diagnosed.catching(&evaluated/0) do
        {:ok, told} -> told
        {:error, text} -> %{"error" => text}
        {:recorded, _} -> %{"error" => "mix.exs uses a library of modules"}
      end
    end
  end

  defp evaluated do
    Code.compile_file("mix.exs")
    config = Mix.Project.config()
    if Mix.Project.get(), do: of(config), else: %{"error" => "mix.exs defines no project"}
  end

  defp of(config) do
    package = list(config[:package])

    %{
      "app" => text(config[:app]),
      "version" => text(config[:version]),
      "elixir" => text(config[:elixir]),
      "source_url" => text(config[:source_url]),
      "apps_path" => text(config[:apps_path]),
      "has_package" => package != [],
      "files" => texts(package[:files]),
      "links" => links(package[:links]),
      "extras" => extras(list(docs(config[:docs]))[:extras]),
      "deps" => deps(config[:deps]),
      "has_precompiler" => config[:make_precompiler] != nil,
      "make_url" => text(config[:make_precompiler_url]),
      "make_filename" => text(config[:make_precompiler_filename]),
      "make_nif_versions" => texts(make_versions(list(config[:make_precompiler_nif_versions])[:versions]))
    }
  end

  defp list(value), do: if(Keyword.keyword?(value), do: value, else: [])

  # elixir_make takes a function of the target in place of the list.
  defp make_versions(versions) when is_function(versions, 1), do: nil
  defp make_versions(versions), do: versions

  defp docs(function) when is_function(function, 0) do
    function.()
  catch
    _, _ -> []
  end

  defp docs(value), do: value

  defp links(links) do
    for {name, url} <- links || %{}, text?(url), name = text(name), is_binary(name), into: %{}, do: {name, url}
  rescue
    _ -> %{}
  end

  defp extras(extras) do
    for extra <- extras || [], path = path(extra), is_binary(path), do: path
  rescue
    _ -> []
  end

  # What leads elsewhere is no file.
  defp path({path, options}) when is_list(options), do: if(options[:url], do: nil, else: text(path))
  defp path({path, _}), do: text(path)
  defp path(path), do: text(path)

  defp deps(deps) do
    for dep <- deps || [], dep = dep(dep), dep != nil, do: dep
  rescue
    _ -> []
  end

  defp dep({app, requirement}) when is_binary(requirement), do: dep({app, requirement, []})
  defp dep({app, options}) when is_list(options), do: dep({app, nil, options})

  defp dep({app, requirement, options}) when is_atom(app) and is_list(options) do
    requirement = if is_binary(requirement), do: text(requirement)
    local = options[:path] != nil or options[:in_umbrella] == true
    optional = options[:optional] == true
    %{"app" => text(app), "requirement" => requirement, "optional" => optional, "only" => options[:only] != nil, "local" => local}
  end

  defp dep(_), do: nil
end

[nonce | files] = System.argv()
Mix.start()
Mix.env(:prod)
Mix.shell(Mix.Shell.Quiet)
Code.compiler_options(ignore_module_conflict: true, docs: false)
Process.flag(:error_handler, Plimsoll.Sources)
mix = Plimsoll.Project.told()
modules = Enum.flat_map(files, &Plimsoll.Modules.of/1)
told = %{"elixir" => System.version(), "mix" => mix, "modules" => modules}
IO.binwrite(:stdio, ["\n", nonce, Plimsoll.Json.encode(told), nonce, "\n"])
