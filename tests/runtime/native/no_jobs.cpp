// A shared library that has nothing to do with jobs.

extern "C" int answer() {
  return 42;
}
