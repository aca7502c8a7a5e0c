package spark.jobserver.context

import com.typesafe.config.{ConfigFactory, ConfigValueFactory}
import org.junit.Assert.{assertEquals, assertTrue}
import org.junit.Test

class FlatSettingsTest {

  /** The server's tests run the same table: `tests/base/flat_texts.txt`. */
  @Test def sparkGetsEachSettingAsTheServerGivesIt(): Unit = {
    val in = getClass.getResourceAsStream("/flat_texts.txt")
    val lines =
      try scala.io.Source.fromInputStream(in, "UTF-8").getLines().filterNot(_.startsWith("#")).toList
      finally in.close()
    assertTrue(s"${lines.size} cases", lines.size > 20)
    lines.foreach { line =>
      val arrow = line.lastIndexOf(" ->")
      val asked = line.substring(0, arrow).drop(5)
      val value = line.take(4) match {
        case "text" => ConfigValueFactory.fromAnyRef(asked)
        case "json" => ConfigFactory.parseString(s"x: $asked").getValue("x")
      }
      val found = FlatSettings.of(ConfigFactory.empty().withValue("x", value))
      assertEquals(line, Map("x" -> line.substring(arrow).drop(4)), found)
    }
  }
}
