# Does in a root with Python what setting up its packages does, and what each virtual environment would do anew: modules are compiled, and pip is
# unpacked out of Debian's own wheels, into the folder that is named. What is compiled counts whatever the time of its source, and the same sources
# give the same bytes.
import compileall
import glob
import os
import py_compile
import sys
import sysconfig
import zipfile

place = sys.argv[1]
os.umask(0o022)
for wheel in sorted(glob.glob("/usr/share/python-wheels/*.whl")):
    # pip is asked to install wheels, and needs it for none. The metadata would make installed packages of what pip brings for itself.
    if not os.path.basename(wheel).startswith("setuptools-"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place, [name for name in archive.namelist() if ".dist-info/" not in name])
if not os.path.isfile(os.path.join(place, "pip", "__main__.py")):
    sys.exit("no wheel of pip is in the root")
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for folder in [sysconfig.get_path("stdlib"), place]:
    if not compileall.compile_dir(folder, quiet=1, force=True, invalidation_mode=mode):
        sys.exit("not all of " + folder + " was compiled")
