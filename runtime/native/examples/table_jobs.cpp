// Queries over a table that the context keeps: the first job to name a file
// loads it, all others find it in memory.
//
//   make_table  { file = "/tmp/t.csv", rows = 3000000, columns = 4, seed = 1 }
//   neighbours  { file = "/tmp/t.csv", point = [0.5, 0.5, 0.5, 0.5], k = 3 }
//   aggregate   { file = "/tmp/t.csv", column = "c0", where = { column = "c1",
//                 above = 0.9 } }

#include <algorithm>
#include <cstdint>
#include <hearth/job.hpp>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "table.hpp"

// The table outlives an upload of a new version of this library.
template <>
struct hearth::object_key<example::table> {
  static constexpr const char* value = "example.table/1";
};

namespace {

using example::table;

std::shared_ptr<table> get_table(hearth::context& context,
                                 const hearth::config& config) {
  auto file = config.get<std::string>("file");
  return context.objects().get_or_create<table>(file, [&] {
    context.log(hearth::level::info, "loads " + file);
    return example::read_table(file);
  });
}

struct make_table {
  std::size_t run(hearth::context&, const hearth::config& config) {
    auto rows = config.get<std::size_t>("rows");
    example::make_table(config.get<std::string>("file"), rows,
                        config.get_or<std::size_t>("columns", 4),
                        config.get_or<unsigned>("seed", 1));
    return rows;
  }
};

/// A row and its distance, squared.
struct neighbour {
  double distance;
  std::size_t row;

  friend bool operator<(const neighbour& a, const neighbour& b) {
    return std::pair{a.distance, a.row} < std::pair{b.distance, b.row};
  }

  void write_json(hearth::json_writer& out) const {
    out.begin_object();
    out.member("row", row).member("distance", distance);
    out.end_object();
  }
};

struct neighbours {
  struct data {
    std::shared_ptr<table> rows;
    std::vector<float> point;
    std::size_t k;
  };

  hearth::validated<data> validate(hearth::context& context,
                                   const hearth::config& config) {
    data x{get_table(context, config), config.get<std::vector<float>>("point"),
           config.get_or<std::size_t>("k", 1)};
    if (x.point.size() != x.rows->columns.size())
      return hearth::problems{"the point has " + std::to_string(x.point.size())
                              + " numbers, the table "
                              + std::to_string(x.rows->columns.size())
                              + " columns"};
    return x;
  }

  std::vector<neighbour> run(hearth::context& context, const data& x) {
    return context.parallel_reduce(
      x.rows->rows(), std::vector<neighbour>{},
      [&](std::size_t begin, std::size_t end) { return best(x, begin, end); },
      [&](std::vector<neighbour> a, std::vector<neighbour> b) {
        a.insert(a.end(), b.begin(), b.end());
        std::sort(a.begin(), a.end());
        a.resize(std::min(a.size(), x.k));
        return a;
      });
  }

private:
  /// The k nearest of some rows, as a heap whose top is the farthest.
  static std::vector<neighbour> best(const data& x, std::size_t begin,
                                     std::size_t end) {
    std::vector<neighbour> result;
    for (auto row = begin; row < end && x.k > 0; ++row) {
      double distance = 0;
      for (std::size_t i = 0; i < x.point.size(); ++i) {
        double d = x.rows->columns[i][row] - x.point[i];
        distance += d * d;
      }
      if (result.size() == x.k && distance >= result.front().distance)
        continue;
      if (result.size() == x.k) {
        std::pop_heap(result.begin(), result.end());
        result.pop_back();
      }
      result.push_back({distance, row});
      std::push_heap(result.begin(), result.end());
    }
    return result;
  }
};

struct totals {
  std::uint64_t count = 0;
  double sum = 0;
  float least = std::numeric_limits<float>::infinity();
  float most = -std::numeric_limits<float>::infinity();

  void add(float x) {
    ++count;
    sum += x;
    least = std::min(least, x);
    most = std::max(most, x);
  }

  friend totals join(totals a, totals b) {
    return {a.count + b.count, a.sum + b.sum, std::min(a.least, b.least),
            std::max(a.most, b.most)};
  }

  void write_json(hearth::json_writer& out) const {
    out.begin_object();
    out.member("count", count).member("sum", sum);
    out.member("mean", sum / static_cast<double>(count)); // of none: null
    out.member("min", least).member("max", most);
    out.end_object();
  }
};

struct aggregate {
  struct data {
    std::shared_ptr<table> rows;
    std::string column;
    std::string where; ///< "": all rows
    float above;
  };

  data validate(hearth::context& context, const hearth::config& config) {
    return {get_table(context, config), config.get<std::string>("column"),
            config.get_or("where.column", ""),
            config.get_or<float>("where.above", 0)};
  }

  totals run(hearth::context& context, const data& x) {
    auto& values = x.rows->column(x.column);
    const auto* filter = x.where.empty() ? nullptr : &x.rows->column(x.where);
    return context.parallel_reduce(
      values.size(), totals{},
      [&](std::size_t begin, std::size_t end) {
        totals result;
        for (auto i = begin; i < end; ++i)
          if (!filter || (*filter)[i] > x.above)
            result.add(values[i]);
        return result;
      },
      [](totals a, totals b) { return join(a, b); });
  }
};

} // namespace

HEARTH_JOB(make_table)
HEARTH_JOB(neighbours)
HEARTH_JOB(aggregate)
