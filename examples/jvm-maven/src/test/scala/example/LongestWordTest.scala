package example

import com.typesafe.config.{Config, ConfigFactory}
import org.apache.spark.{SparkConf, SparkContext}
import org.junit.{AfterClass, Test}
import org.junit.Assert.{assertEquals, assertTrue}
import org.scalactic.Good
import spark.jobserver.NamedObjects
import spark.jobserver.api.JobEnvironment

/** A job is tested without a server: its two methods and a Spark of one's own are enough. */
class LongestWordTest {
  import LongestWordTest._

  @Test def findsTheLongestWord(): Unit = {
    val config = ConfigFactory.parseString("""text = "a somewhat longer text" """)
    LongestWord.validate(sc, Runtime, config) match {
      case Good(words) => assertEquals("somewhat", LongestWord.runJob(sc, Runtime, words))
      case refused     => throw new AssertionError(refused.toString)
    }
  }

  @Test def refusesAConfigurationWithoutText(): Unit =
    assertTrue(LongestWord.validate(sc, Runtime, ConfigFactory.empty).isBad)
}

object LongestWordTest {
  private lazy val sc =
    new SparkContext(new SparkConf().setMaster("local[2]").setAppName("test").set("spark.ui.enabled", "false"))

  @AfterClass def stop(): Unit = sc.stop()

  private object Runtime extends JobEnvironment {
    def jobId: String = "test"
    def namedObjects: NamedObjects = throw new UnsupportedOperationException("this job shares nothing")
    def contextConfig: Config = ConfigFactory.empty
  }
}
