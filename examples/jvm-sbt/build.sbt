// Jobs for Spark 3.5 and Spark 4: sbt package makes the jar for Spark 3.5, sbt +package both.
name := "my-jobs"
organization := "org.example"
version := "1.0.0"

scalaVersion := "2.12.18"
crossScalaVersions := Seq("2.12.18", "2.13.17")

val hearthVersion = "0.2.0"
val sparkVersion = settingKey[String]("Spark that the jobs are for")
sparkVersion := (if (scalaBinaryVersion.value == "2.12") "3.5.7" else "4.0.1")

// Where install-job-api puts the job API.
resolvers += Resolver.mavenLocal

// A context has all of these, so none of them belongs into the jar.
libraryDependencies ++= Seq(
  "io.hearth" %% "hearth-job-api" % hearthVersion % Provided,
  "org.apache.spark" %% "spark-sql" % sparkVersion.value % Provided
)
