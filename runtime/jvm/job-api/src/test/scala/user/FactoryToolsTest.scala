package user

import java.io.IOException

import com.typesafe.config.{Config, ConfigException, ConfigFactory}
import org.junit.Assert.{assertEquals, assertFalse, assertSame, assertThrows}
import org.junit.Test
import org.scalactic.Good
import spark.jobserver.api.JobEnvironment
import spark.jobserver.context._
import spark.jobserver.japi.{BaseJavaJob, JavaJob, JavaValidationException}
import spark.jobserver.util.{DefaultSparkMasterProvider, SparkJobUtils, SparkMasterProvider}

object OwnMaster extends SparkMasterProvider {
  override def getSparkMaster(config: Config): String = "spark://own"
}

/** What factories of contexts use. */
class FactoryToolsTest {
  private def config(text: String): Config = ConfigFactory.parseString(text)

  private val server = config(
    """"hearth.spark-conf" { "spark.master" = "local[2]", "spark.jars" = agent.jar, "spark.cores.max" = 3 }"""
  )
  private def serverAtItsPath =
    ConfigFactory.empty().withValue(SparkContextFactory.SparkConfKey, server.root.get("hearth.spark-conf"))

  @Test def theServersSparkConfIsWholeAndWins(): Unit = {
    val conf = SparkJobUtils.configToSparkConf(
      serverAtItsPath,
      config(
        """num-cpu-cores = 8, memory-per-node = 2g, other = 1
          |spark { jars = mine.jar, own = kept, "with.dot" = true }
          |passthrough { es.nodes = "a,b" }""".stripMargin
      ),
      "name"
    )
    def expect(key: String, value: String): Unit = assertEquals(key, value, conf.get(key))
    expect("spark.app.name", "name")
    expect("spark.master", "local[2]")
    expect("spark.jars", "agent.jar")
    expect("spark.cores.max", "3")
    expect("spark.executor.memory", "2g")
    expect("spark.own", "kept")
    expect("spark.with.dot", "true")
    expect("es.nodes", "a,b")
    expect("spark.ui.port", "0")
    assertFalse(conf.contains("other"))
  }

  @Test def whatAFactoryChangesReachesSpark(): Unit = {
    val sent = config(
      """num-cpu-cores = 2, hadoop.h = 1, passthrough.p = 1
        |spark { kept = 1.10, gone = 1, changed = 1, cores.max = 3, plugins = mine }""".stripMargin
    )
    val server = ConfigFactory
      .empty()
      .withValue(
        SparkContextFactory.SparkConfKey,
        config(
          """x { "spark.kept" = own, "spark.gone" = 1, "spark.changed" = 1, "spark.cores.max" = 3, "p" = 1
            |"spark.hadoop.h" = 1, "spark.plugins" = "mine,agent", "spark.master" = local, "spark.jars" = agent.jar }""".stripMargin
        ).root.get("x")
      )
      .withValue(SparkContextFactory.SettingsKey, sent.root)
    val changed = config(
      """spark { changed = [a, b], added = ["a,b", c], number = 2.50, plugins = "mine,more" }
        |hadoop.h = 2, hadoop.i = 3, other = 1, spark.speculation = true, "spark.speculation.interval" = 1s""".stripMargin
    ).withFallback(sent).withoutPath("spark.gone").withoutPath("passthrough")
    Seq(
      SparkContextFactory.sparkConf(server, changed, "name"),
      SparkJobUtils.configToSparkConf(server, changed, "name")
    ).foreach { conf =>
      def expect(key: String, value: String): Unit = assertEquals(key, value, conf.get(key))
      expect("spark.kept", "own")
      expect("spark.changed", "a,b")
      expect("spark.added", """["a,b","c"]""")
      expect("spark.number", "2.50")
      expect("spark.cores.max", "3")
      expect("spark.hadoop.h", "2")
      expect("spark.hadoop.i", "3")
      expect("spark.plugins", "mine,more,agent")
      expect("spark.jars", "agent.jar")
      expect("spark.speculation", "true")
      expect("spark.speculation.interval", "1s")
      Seq("spark.gone", "p", "other").foreach(key => assertFalse(key, conf.contains(key)))
    }
    val fewer = config("num-cpu-cores = 4, spark.plugins = more")
    val conf = SparkContextFactory.sparkConf(server, fewer, "name")
    assertEquals("4", conf.get("spark.cores.max"))
    assertEquals("more,mine,agent", conf.get("spark.plugins"))
    assertEquals("agent.jar", conf.get("spark.jars"))
    assertFalse(conf.contains("spark.kept"))
  }

  @Test def withoutAServerTheMasterIsThatOfTheConfiguration(): Unit = {
    val settings = config("num-cpu-cores = x")
    val conf = SparkJobUtils.configToSparkConf(config("spark.master = local, spark.home = /s"), settings, "n")
    assertEquals("local", conf.get("spark.master"))
    assertEquals("/s", conf.get("spark.home"))
    assertFalse(conf.contains("spark.cores.max"))
    assertEquals("0", conf.get("spark.ui.port"))
    assertThrows(
      classOf[ConfigException],
      () => { SparkJobUtils.configToSparkConf(ConfigFactory.empty(), ConfigFactory.empty(), "n"); () }
    )
  }

  @Test def whatAContextAsksForWinsOverWhatIsUsual(): Unit = {
    val conf = SparkJobUtils.configToSparkConf(
      config("spark.master = local, spark.home = /s"),
      config(
        """num-cpu-cores = 8, memory-per-node = 2g, mem-per-node = 3g, hadoop.fs.s3a.key = k
          |spark { ui.port = 4050, cores.max = 4, master = "local[3]", home = /t, own = 1 }, passthrough.spark.own = 2""".stripMargin
      ),
      "name"
    )
    val expected = Map(
      "spark.ui.port" -> "4050",
      "spark.cores.max" -> "4",
      "spark.executor.memory" -> "3g",
      "spark.master" -> "local[3]",
      "spark.home" -> "/t",
      "spark.own" -> "2",
      "spark.hadoop.fs.s3a.key" -> "k"
    )
    assertEquals(expected, expected.map { case (key, _) => key -> conf.get(key, "") })
  }

  @Test def aProviderOfTheMasterIsFoundByItsName(): Unit = {
    assertSame(DefaultSparkMasterProvider, SparkMasterProvider.fromConfig(ConfigFactory.empty()))
    assertSame(OwnMaster, SparkMasterProvider.fromConfig(config("spark.master-provider = user.OwnMaster")))
    assertThrows(
      classOf[ClassCastException],
      () => { SparkMasterProvider.fromConfig(config("spark.master-provider = user.OldApiJob")); () }
    )
    assertThrows(
      classOf[ClassNotFoundException],
      () => { SparkMasterProvider.fromConfig(config("spark.master-provider = user.None")); () }
    )
  }

  @Test def hadoopsSettingsHaveTheirWholeNames(): Unit = {
    assertEquals(
      Map("fs.s3a.key" -> "k", "n" -> "1"),
      SparkJobUtils.getHadoopConfig(config("""hadoop { fs.s3a.key = k, n = 1 }, other = 2"""))
    )
    assertEquals(Map(), SparkJobUtils.getHadoopConfig(ConfigFactory.empty()))
    assertEquals(Map(), SparkJobUtils.getHadoopConfig(config("hadoop = text")))
  }

  @Test def limitsHaveDefaults(): Unit = {
    assertEquals(7, SparkJobUtils.getMaxRunningJobs(config("spark.jobserver.max-jobs-per-context = 7")))
    assertEquals(Runtime.getRuntime.availableProcessors, SparkJobUtils.getMaxRunningJobs(ConfigFactory.empty()))
    assertEquals(15, SparkJobUtils.getContextCreationTimeout(config("spark.master = local")))
    assertEquals(40, SparkJobUtils.getContextDeletionTimeout(config("spark.master = yarn")))
    val told = config(
      """spark { master = yarn, jobserver { yarn-context-creation-timeout = 1500 ms, context-creation-timeout = 9 s } }
        |spark.context-settings.forked-jvm-init-timeout = 2 minutes""".stripMargin
    )
    assertEquals(1, SparkJobUtils.getContextCreationTimeout(told))
    assertEquals(120L, SparkJobUtils.getForkedJVMInitTimeout(told))
  }

  @Test def namesOfAUsersContextsAreUnique(): Unit = {
    assertEquals("ada~", SparkJobUtils.userNamePrefix("ada"))
    assertEquals("a~~da~", SparkJobUtils.userNamePrefix("a~da"))
    val names = Seq("ada~one", "ada~~x~two", "bob~three", "ada~", "four")
    assertEquals(Seq("one"), SparkJobUtils.removeProxyUserPrefix("ada", names, filter = true))
    assertEquals(Seq("two"), SparkJobUtils.removeProxyUserPrefix("ada~x", names, filter = true))
    assertEquals(names, SparkJobUtils.removeProxyUserPrefix(sys.error("not asked for"), names, filter = false))
  }

  @Test def theReasonOfALoadErrorIsAnException(): Unit = {
    val exception = new IOException("no file")
    assertSame(exception, JobLoadError(exception).ex)
    assertEquals(JobLoadError(exception), new JobLoadError(exception: Throwable))
    val error = new NoClassDefFoundError("x/Y")
    assertSame(error, JobLoadError(error).t)
    assertSame(error, JobLoadError(error).ex.getCause)
  }

  @Test def aJavaJobIsAScalaJob(): Unit = {
    val job = JavaJob(new BaseJavaJob[String, Int] {
      override def run(sc: Int, runtime: JobEnvironment, data: Config): String = s"$sc ${data.getInt("a")}"
      override def verify(sc: Int, runtime: JobEnvironment, config: Config): Config =
        if (config.isEmpty) throw JavaValidationException("empty", null) else config
    })
    assertEquals(Good(config("a = 1")), job.validate(7, null, config("a = 1")))
    assertEquals("7 1", job.runJob(7, null, config("a = 1")))
    val refusal = assertThrows(
      classOf[JavaValidationException],
      () => { job.validate(7, null, ConfigFactory.empty()); () }
    )
    assertEquals("empty", refusal.getMessage)
  }

  @Test def aLogIsThereFromTheBeginning(): Unit = {
    assertEquals(classOf[OwnFactory].getName, new OwnFactory().logger.getName)
    assertEquals(classOf[OwnJavaFactory].getName, new OwnJavaFactory().logger.getName)
  }
}
