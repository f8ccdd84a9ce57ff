# Stands in for a project's mix.exs where no package index can be reached: the same project, with dependencies taken from what is here.
#
#   MIX_EXS=…/offline_mix.exs mix compile        in the project's folder
#
# A dependency whose sources lie in `deps/` is taken from there, locked as it is; one whose compiled code is on ERL_LIBS is used from there; any
# other is left out, and said so. The project's own file is evaluated as it is and nothing in it is changed.

file = Path.expand("mix.exs")
[{original, _} | _] = Code.compile_file(file)
Mix.Project.pop()
config = original.project()

name = fn dependency -> elem(dependency, 0) end
vendored = fn dependency -> File.dir?(Path.join("deps", Atom.to_string(name.(dependency)))) end

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

{kept, left} = Enum.split_with(Keyword.get(config, :deps, []), &(vendored.(&1) or Keyword.has_key?(options.(&1), :path)))

kept =
  for dependency <- kept do
    list = Keyword.drop(options.(dependency), [:git, :github, :hex, :branch, :tag, :ref, :organization, :repo])
    {name.(dependency), Keyword.put_new(list, :path, Path.join("deps", Atom.to_string(name.(dependency))))}
  end

for dependency <- left do
  where = if compiled.(dependency), do: "compiled", else: "absent"
  IO.puts(~s(plimsoll-nif: {"fact":"dependency-#{where}","value":"#{name.(dependency)}"}))
end

defmodule Plimsoll.OfflineProject do
  @moduledoc false
  @original original
  @config config
          |> Keyword.put(:deps, kept)
          |> Keyword.put(:lockfile, "mix.offline.lock")
          # Since Elixir 1.15 mix hides applications that are no dependencies; what stands in for one is found by ERL_LIBS alone.
          |> Keyword.put(:prune_code_paths, false)
          |> Keyword.put(:xref, exclude: [RustlerPrecompiled, Rustler])

  def project, do: @config

  # What the project calls with its own answers.
  def application, do: if(function_exported?(@original, :application, 0), do: @original.application(), else: [])
  def cli, do: if(function_exported?(@original, :cli, 0), do: @original.cli(), else: [])
end

Mix.Project.push(Plimsoll.OfflineProject, file)
