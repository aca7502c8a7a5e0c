/// What the tests of the store share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdlib.h>
#include <string>
#include <vector>

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include "store/store.hpp"

namespace hearth::test {

/// A folder that goes away with the test.
struct temp_folder {
  temp_folder() {
    std::string name
      = (std::filesystem::temp_directory_path() / "hearth-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }

  ~temp_folder() {
    std::filesystem::remove_all(path);
  }

  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  std::string url(const std::string& file = "hearth.db") const {
    return "sqlite:" + (path / file).string();
  }

  std::filesystem::path path;
};

inline job_record make_job(const std::string& id, millis start_time,
                           job_state state = job_state::started) {
  job_record x;
  x.id = id;
  x.context_id = "context-id";
  x.context_name = "ctx";
  x.main_class = "some.Job";
  x.binaries = R"([{"name":"jar","digest":"ab"}])";
  x.config = R"({"input":{"string":"a b"}})";
  x.state = state;
  x.start_time = start_time;
  return x;
}

inline context_record
make_context(const std::string& id, const std::string& name, millis start_time,
             context_state state = context_state::started) {
  context_record x;
  x.id = id;
  x.name = name;
  x.state = state;
  x.settings = R"({"num-cpu-cores":"2"})";
  x.start_time = start_time;
  return x;
}

inline job_update make_end(const std::string& id, job_state state,
                           const std::string& result = "") {
  job_update x;
  x.id = id;
  x.state = state;
  x.end_time = 99;
  x.result = result;
  return x;
}

/// The url of the PostgreSQL server that the tests are to use; "": SQLite.
inline std::string postgresql_url() {
  auto* url = std::getenv("HEARTH_TEST_POSTGRESQL");
  return url ? url : "";
}

/// A store over an empty database of the kind that is tested.
inline std::unique_ptr<store> open_empty() {
  auto url = postgresql_url();
  if (url.empty())
    return open_store("sqlite::memory:");
  soci::session server{soci::postgresql, url};
  server << "SET client_min_messages = warning";
  server << "DROP SCHEMA public CASCADE";
  server << "CREATE SCHEMA public";
  return open_store(url);
}

/// An empty database.
struct open_database {
  std::unique_ptr<store> db = open_empty();

  void write(const std::function<void()>& writes) {
    db->transaction(durability::lazy, writes);
  }

  void insert(const job_record& x) {
    write([&] { db->insert(x); });
  }

  void update(const job_update& x) {
    write([&] { db->update(x); });
  }

  void put(const context_record& x) {
    write([&] { db->put(x); });
  }
};

/// Of jobs or contexts, each followed by a space.
template <class T>
std::string ids(const std::vector<T>& xs) {
  std::string result;
  for (auto& x : xs)
    result += x.id + " ";
  return result;
}

} // namespace hearth::test
