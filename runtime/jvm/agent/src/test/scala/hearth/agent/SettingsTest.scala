package hearth.agent

import com.typesafe.config.{ConfigFactory, ConfigValueType}
import org.junit.Assert.{assertEquals, assertFalse, assertTrue}
import org.junit.Test
import spark.jobserver.context.SparkContextFactory

class SettingsTest {

  private def nested(settings: String) = Settings.nested(Settings.in(s"""{"settings": $settings}"""))

  @Test def nestsDottedKeys(): Unit = {
    val config = nested("""{"a.b": "1", "a.c": "x y", "list": ["p", "q"], "o": {"k": 2}}""")
    assertEquals(1, config.getInt("a.b"))
    assertEquals("x y", config.getString("a.c"))
    assertEquals("q", config.getStringList("list").get(1))
    assertEquals(2, config.getInt("o.k"))
  }

  @Test def keepsAKeyThatIsTheBeginningOfAnother(): Unit = {
    val config = nested("""{"spark.speculation": true, "spark.speculation.interval": "100ms"}""")
    assertEquals("100ms", config.getString("spark.speculation.interval"))
    assertEquals("true", config.getString("\"spark.speculation\""))
  }

  @Test def aTextIsATextAndAListIsAList(): Unit = {
    val config = nested(
      """{"pipeline": "[{\"$match\": 1}]", "address": "[::1]", "query": "{?", "list": ["a,b", " c ", "[d]", "50%", "${e}"],
        |"n": 1.10, "big": 123456789012345678901234567890, "b": true, "x,y.z[0]": "${HOME}", "none": null}""".stripMargin
    )
    assertEquals("""[{"$match": 1}]""", config.getString("pipeline"))
    assertEquals("[::1]", config.getString("address"))
    assertEquals("{?", config.getString("query"))
    assertEquals(java.util.Arrays.asList("a,b", " c ", "[d]", "50%", "${e}"), config.getStringList("list"))
    assertEquals("1.10", config.getString("n"))
    assertEquals(ConfigValueType.NUMBER, config.getValue("n").valueType)
    assertEquals("123456789012345678901234567890", config.getString("big"))
    assertEquals(java.lang.Boolean.TRUE, config.getAnyRef("b"))
    assertEquals("${HOME}", config.getString("\"x,y\".\"z[0]\""))
  }

  /** The server sends as texts what HOCON takes for numbers and JSON does not. */
  @Test def numbersThatJsonDoesNotHaveAreReadAsTypesafeConfigReadsThem(): Unit = {
    val written = Map("a" -> "01", "b" -> "1.", "c" -> "-.5", "d" -> "-01.50e+3", "e" -> "007.0")
    written.foreach { case (key, number) =>
      val own = ConfigFactory.parseString(s"$key = $number")
      val sent = JobRequest("j", "m", Nil, 0, 0, "", 0, s"""{"$key": "$number"}""".getBytes("UTF-8")).config
      assertEquals(own.getInt(key), sent.getInt(key))
      assertEquals(own.getLong(key), sent.getLong(key))
      assertEquals(own.getDouble(key), sent.getDouble(key), 0)
      assertEquals(own.getString(key), sent.getString(key))
      assertEquals(own.getNumber(key).doubleValue, sent.getNumber(key).doubleValue, 0)
    }
  }

  @Test def handsTheSparkConfOverWithAllItsDots(): Unit = {
    val conf = new java.util.HashMap[String, String]
    conf.put("spark.speculation", "true")
    conf.put("spark.speculation.interval", "100ms")
    val made = SparkContextFactory.sparkConf(Settings.forFactory(conf, ConfigFactory.empty()), "name")
    assertEquals("true", made.get("spark.speculation"))
    assertEquals("100ms", made.get("spark.speculation.interval"))
    assertEquals("name", made.get("spark.app.name"))
  }

  @Test def aFactoryFindsTheMasterAsASetting(): Unit = {
    val conf = java.util.Collections.singletonMap("spark.master", "local[3]")
    val empty = ConfigFactory.empty()
    assertEquals("local[3]", Settings.forFactory(conf, empty).getString("spark.master"))
    assertFalse(Settings.forFactory(new java.util.HashMap[String, String], empty).hasPath("spark.master"))
  }

  @Test def aJobSeesOnlyWhatWasSentAndAllOfIt(): Unit = {
    def config(json: String) = JobRequest("j", "m", Nil, 0, 0, "", 0, json.getBytes("UTF-8")).config
    assertTrue(config("").isEmpty)
    assertTrue(config("{}").isEmpty)
    val sent =
      config("""{"big": 123456789012345678901234567890, "d": 0.10, "n": {"s": "${PATH} # é"}, "a": [1, null]}""")
    assertEquals("123456789012345678901234567890", sent.getString("big"))
    assertEquals("0.10", sent.getString("d"))
    assertEquals("${PATH} # é", sent.getString("n.s"))
    assertFalse(sent.hasPath("java"))
  }
}
