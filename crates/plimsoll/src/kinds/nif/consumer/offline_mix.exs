# Stands in for a project's mix.exs where no package index can be reached: the same project, with dependencies taken from what is here.
#
#   MIX_EXS=…/offline_mix.exs mix compile        in the project's folder
#
# A dependency whose sources lie in the folder of dependencies (MIX_DEPS_PATH, else `deps`) is taken from there as it is, and so are those that it
# asks for; one whose compiled code is on ERL_LIBS is used from there; any other is left out, and said so. What PLIMSOLL_NIF_STAND_IN names is taken
# from ERL_LIBS in any case. The project's own file is evaluated as it is and nothing in it is changed.

defmodule Plimsoll.OfflineSCM do
  @moduledoc false
  # Wherever a dependency comes from, its sources were fetched before and are looked for in one folder. Mix must not ask for Hex, nor for git.

  @behaviour Mix.SCM

  def folder(app), do: Path.join(Path.expand(System.get_env("MIX_DEPS_PATH") || "deps"), to_string(app))

  def here?(app), do: to_string(app) != System.get_env("PLIMSOLL_NIF_STAND_IN") and File.dir?(folder(app))

  @impl true
  def fetchable?, do: false

  @impl true
  def format(options), do: options[:dest]

  @impl true
  def format_lock(_), do: nil

  @impl true
  def accepts_options(app, options) do
    if options[:path] || options[:in_umbrella], do: nil, else: Keyword.put(options, :dest, folder(app))
  end

  @impl true
  def checked_out?(options), do: File.dir?(options[:dest])

  @impl true
  def checkout(options), do: Mix.raise("nothing is fetched here: #{options[:dest]} is missing")

  @impl true
  def update(options), do: checkout(options)

  @impl true
  def lock_status(_), do: :ok

  @impl true
  def equal?(one, other), do: one[:dest] == other[:dest]

  @impl true
  def managers(_), do: []
end

Mix.SCM.prepend(Plimsoll.OfflineSCM)

file = Path.expand("mix.exs")
[{original, _} | _] = Code.compile_file(file)
Mix.Project.pop()
config = original.project()

name = fn dependency -> elem(dependency, 0) end

compiled = fn dependency ->
  "ERL_LIBS"
  |> System.get_env("")
  |> String.split(":", trim: true)
  |> Enum.any?(&File.dir?(Path.join([&1, Atom.to_string(name.(dependency)), "ebin"])))
end

options = fn dependency ->
  case dependency do
    {_, list} when is_list(list) -> list
    {_, _, list} -> list
    {_, _} -> []
  end
end

{kept, left} = Enum.split_with(Keyword.get(config, :deps, []), &(Plimsoll.OfflineSCM.here?(name.(&1)) or Keyword.has_key?(options.(&1), :path)))

wanted = fn dependency ->
  only = options.(dependency)[:only]
  is_nil(only) or Mix.env() in List.wrap(only)
end

for {where, list} <- [{"vendored", kept}, {nil, left}], dependency <- list, wanted.(dependency) do
  where = where || if compiled.(dependency), do: "compiled", else: "absent"
  IO.puts(~s(plimsoll-nif: {"fact":"dependency-#{where}","value":"#{name.(dependency)}"}))
end

# A module cannot hold a function in an attribute, and settings of a project may hold any: what to document in which group, an alias, a version.
:persistent_term.put(
  Plimsoll.OfflineProject,
  {original,
   config
   |> Keyword.put(:deps, kept)
   |> Keyword.put(:lockfile, "mix.offline.lock")
   # Since Elixir 1.15 mix hides applications that are no dependencies; what stands in for one is found by ERL_LIBS alone.
   |> Keyword.put(:prune_code_paths, false)
   |> Keyword.put(:xref, exclude: [RustlerPrecompiled, Rustler])}
)

defmodule Plimsoll.OfflineProject do
  @moduledoc false

  def project, do: elem(:persistent_term.get(__MODULE__), 1)

  # What the project calls with its own answers.
  def application, do: theirs(:application)
  def cli, do: theirs(:cli)

  defp theirs(function) do
    {original, _} = :persistent_term.get(__MODULE__)
    if function_exported?(original, function, 0), do: apply(original, function, []), else: []
  end
end

Mix.Project.push(Plimsoll.OfflineProject, file)
