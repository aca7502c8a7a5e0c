package hearth.agent

import org.junit.Assert.{assertEquals, assertFalse, assertTrue}
import org.junit.Test
import spark.jobserver.context.SparkContextFactory

class SettingsTest {

  @Test def nestsDottedKeys(): Unit = {
    val config = Settings.nested(Map("a.b" -> "1", "a.c" -> "x y", "list" -> """["p", "q"]""", "o" -> """{"k": 2}"""))
    assertEquals(1, config.getInt("a.b"))
    assertEquals("x y", config.getString("a.c"))
    assertEquals("q", config.getStringList("list").get(1))
    assertEquals(2, config.getInt("o.k"))
  }

  @Test def keepsAKeyThatIsTheBeginningOfAnother(): Unit = {
    val config = Settings.nested(Map("spark.speculation" -> "true", "spark.speculation.interval" -> "100ms"))
    assertEquals("100ms", config.getString("spark.speculation.interval"))
    assertEquals("true", config.getString("\"spark.speculation\""))
  }

  @Test def handsTheSparkConfOverWithAllItsDots(): Unit = {
    val conf = new java.util.HashMap[String, String]
    conf.put("spark.speculation", "true")
    conf.put("spark.speculation.interval", "100ms")
    val made = SparkContextFactory.sparkConf(Settings.forFactory(conf), "name")
    assertEquals("true", made.get("spark.speculation"))
    assertEquals("100ms", made.get("spark.speculation.interval"))
    assertEquals("name", made.get("spark.app.name"))
  }

  @Test def aFactoryFindsTheMasterAsASetting(): Unit = {
    val conf = java.util.Collections.singletonMap("spark.master", "local[3]")
    assertEquals("local[3]", Settings.forFactory(conf).getString("spark.master"))
    assertFalse(Settings.forFactory(new java.util.HashMap[String, String]).hasPath("spark.master"))
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
